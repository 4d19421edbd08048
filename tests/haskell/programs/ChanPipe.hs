-- A pipeline of three stages over Chan, and dupChan. Catches order lost in channels.
module Main (main) where

import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  a <- newChan
  b <- newChan
  c <- newChan
  _ <- forkIO (forever (readChan a >>= writeChan b . (* 2)))
  _ <- forkIO (forever (readChan b >>= writeChan c . (+ 1)))
  mapM_ (writeChan a) [1 .. 20 :: Int]
  replicateM 20 (readChan c) >>= print

  d <- newChan
  e <- dupChan d
  writeList2Chan d "both"
  replicateM 4 (readChan d) >>= putStrLn
  replicateM 4 (readChan e) >>= putStrLn
  lazy <- getChanContents d
  writeList2Chan d "lazily"
  putStrLn (take 6 lazy)
