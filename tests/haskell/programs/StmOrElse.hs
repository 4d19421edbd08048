-- orElse undoes the effects of its first branch when that retries. Catches a nested
-- transaction log that leaks.
module Main (main) where

import Control.Concurrent.STM
import Control.Exception

main :: IO ()
main = do
  a <- newTVarIO (10 :: Int)
  b <- newTVarIO (0 :: Int)
  r <- atomically $ (writeTVar a 99 >> retry) `orElse` (readTVar a >>= writeTVar b >> return "second")
  putStrLn r
  both a b
  r2 <- atomically $ (modifyTVar a (+ 1) >> return "first") `orElse` return "second"
  putStrLn r2
  both a b
  r3 <- try (atomically (writeTVar a 0 >> throwSTM (userError "undone"))) :: IO (Either IOException ())
  print r3
  both a b
  r4 <- atomically $ (writeTVar b 5 >> throwSTM (ErrorCall "inside")) `catchSTM` \(ErrorCall m) -> return m
  putStrLn r4
  both a b
  where
    both a b = do
      x <- readTVarIO a
      y <- readTVarIO b
      print (x, y)
