-- timeout interrupts a read from stdin that waits for input which does not come. Catches a
-- blocking read that stops the whole guest.
module Main (main) where

import Control.Concurrent
import System.IO
import System.Timeout

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  l <- getLine
  putStrLn ("read " ++ show l)
  ticks <- newMVar (0 :: Int)
  t <- forkIO (mapM_ (\_ -> threadDelay 10000 >> modifyMVar_ ticks (return . (+ 1))) [1 .. 5 :: Int])
  r <- timeout 300000 getLine
  print r
  n <- readMVar ticks
  putStrLn ("others ran: " ++ show (n >= 2))
  killThread t
