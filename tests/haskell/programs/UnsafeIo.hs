-- unsafePerformIO runs once, unsafeInterleaveIO when its value is needed, also from two threads.
module Main (main) where

import Control.Concurrent
import Data.IORef
import System.IO.Unsafe

counter :: IORef Int
counter = unsafePerformIO (newIORef 100)
{-# NOINLINE counter #-}

table :: [Int]
table = unsafePerformIO (modifyIORef' counter (+ 1) >> return [1 .. 5])
{-# NOINLINE table #-}

main :: IO ()
main = do
  print (sum table, product table)
  lazy <- unsafeInterleaveIO (putStrLn "needed now" >> modifyIORef' counter (+ 10) >> return 'v')
  readIORef counter >>= print
  done <- newEmptyMVar
  _ <- forkIO (lazy `seq` putMVar done ())
  _ <- forkIO (lazy `seq` putMVar done ())
  takeMVar done >> takeMVar done
  print lazy
  readIORef counter >>= print
  fixed <- unsafeFixIO' (\xs -> return (1 : map (* 2) (take 5 xs)))
  print fixed
  where unsafeFixIO' = unsafeFixIO :: ([Int] -> IO [Int]) -> IO [Int]
