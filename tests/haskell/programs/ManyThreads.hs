-- Ten thousand threads live at once. Catches a limit on threads, and memory of a thread that
-- is not given back.
module Main (main) where

import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  gate <- newEmptyMVar
  total <- newMVar (0 :: Int)
  done <- newEmptyMVar
  forM_ [1 .. 10000] $ \n -> forkIO $ do
    () <- readMVar gate
    new <- modifyMVar total (\t -> let t' = t + n in t' `seq` return (t', t'))
    when (new == 50005000) (putMVar done ())
  putMVar gate ()
  takeMVar done
  readMVar total >>= print
